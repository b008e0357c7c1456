; Installer of the desktop program for Windows, GPU edition: in slices, since one file ends at 4 GB.
; Inno Setup 6; everything else is as in siteblind.nsi, which is for the CPU edition.
;   iscc /DPAYLOAD=FOLDER /DVERSION=0.1.0 /DOUTPUT=FOLDER "/Ssiteblind=python -m installers.signing $f" siteblind.iss
;
; SiteBlind-gpu-0.1.0.exe                              for this person, no administrator
; SiteBlind-gpu-0.1.0.exe /VERYSILENT /NORESTART       the same, silently
; SiteBlind-gpu-0.1.0.exe /VERYSILENT /ALLUSERS        for everybody; to be run as administrator
; SiteBlind-gpu-0.1.0.exe /VERYSILENT /DIR="C:\Ward"   elsewhere
; unins000.exe /VERYSILENT                             removes the program; projects and settings stay

[Setup]
AppId={{6E1C8B0B-3A54-4E0B-9C53-5E7C7C2A7C11}
AppName=SiteBlind
AppVersion={#VERSION}
AppPublisher=The SiteBlind authors
AppComments=Research use only. Not for diagnostic use.
DefaultDirName={autopf}\SiteBlind
DisableProgramGroupPage=yes
UninstallDisplayIcon={app}\siteblind-desktop.exe
LicenseFile={#PAYLOAD}\licences\siteblind\LICENSE
OutputDir={#OUTPUT}
OutputBaseFilename=SiteBlind-gpu-{#VERSION}
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; {autopf} is the person's own folder unless somebody with the rights asks for everybody.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline dialog
Compression=lzma2/max
SolidCompression=yes
DiskSpanning=yes
DiskSliceSize=2000000000
CloseApplications=yes
ChangesAssociations=yes
#ifdef SIGN
SignTool=siteblind
SignedUninstaller=yes
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[InstallDelete]
; What an older version had and this one has not.
Type: filesandordirs; Name: "{app}\_internal"
Type: filesandordirs; Name: "{app}\licences"

[Files]
Source: "{#PAYLOAD}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\SiteBlind"; Filename: "{app}\siteblind-desktop.exe"

[Registry]
Root: HKA; Subkey: "Software\Classes\.siteblind-backup"; ValueType: string; ValueData: "SiteBlind.Backup"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SiteBlind.Backup"; ValueType: string; ValueData: "SiteBlind project back-up"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\SiteBlind.Backup\shell\open\command"; ValueType: string; ValueData: """{app}\siteblind-desktop.exe"" ""%1"""

[Run]
Filename: "{app}\siteblind-desktop.exe"; Description: "SiteBlind"; Flags: nowait postinstall skipifsilent
